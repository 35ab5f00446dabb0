// Numbers of modules that are made of their order: the builder's own come from where the checkout is, and what is built
// would be another in each.
module.exports = { optimization: { moduleIds: "natural" } };

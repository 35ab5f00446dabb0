/** The events by which parts of a dashboard ask for past moments, and are told which one is shown. */

/** Bubbles from what asks to see a moment, such as a chart; its detail is `{ when }`, Unix seconds or a text. */
export const GO_TO = "procwidget-go-to";

/** Bubbles from what asks what happened between two moments; its detail is `{ from, to }`, as `when`. */
export const BETWEEN = "procwidget-between";

/** Goes to the dashboard's element when another moment is shown; its detail is `{ time }`, null for the present. */
export const MOMENT = "procwidget-moment";

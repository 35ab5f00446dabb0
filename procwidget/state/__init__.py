"""What is wrong, since when, who causes it, and the sentence that says so."""

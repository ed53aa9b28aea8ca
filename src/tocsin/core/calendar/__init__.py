"""Civil time: zones with their gaps and folds, working hours, holidays, and time counted in them."""

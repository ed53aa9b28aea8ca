"""The incident: state, commands, events, and the four functions over them."""

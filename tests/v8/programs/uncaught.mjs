class OwnError extends RangeError {}
throw new OwnError("nobody takes it");

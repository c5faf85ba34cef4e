export const STATUS_NAMES: Readonly<Record<number, string>> = {};

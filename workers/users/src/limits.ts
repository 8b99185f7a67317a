/** Days between two changes of a username; the first choice and its first correction do not wait. */
export const USERNAME_DAYS = 30;

/** People whose relation to the caller one request may ask for. */
export const MAX_RELATIONS = 100;

/** Days that the metrics may look back. */
export const MAX_METRIC_DAYS = 365;

/** How like a word must be to what is searched for, 0 to 1: one wrong letter of five, or two that changed places in six, still match. */
export const SIMILARITY = 0.42;

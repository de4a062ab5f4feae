/** The demonstration's queues, in the naming of the original system. */
export const PARTNER_TASKS = 'demo_partner_tasks';
export const JOBS = 'demo_jobs';
export const NOTIFICATIONS = 'demo_notifications';

/** Served by the workers that use the API. */
export const API_QUEUES: readonly string[] = [PARTNER_TASKS, JOBS];
/** All three; NOTIFICATIONS is served by the worker that writes to the collection itself. */
export const ALL_QUEUES: readonly string[] = [PARTNER_TASKS, JOBS, NOTIFICATIONS];

/** Stands above the worker when it is served: see halal/checkin/views/tablet.py. */
declare const SHELL: { version: string; pages: Record<string, string>; files: string[] };

/** Stands above the worker when it is served: see halal/checkin/views/tablet.py. */
declare const SHELL: { version: string; files: string[] };

/** Stands above the worker when it is served: see halal/portal/views/verify_offline.py. */
declare const SHELL: { version: string; pages: Record<string, string>; keys: string; files: string[] };

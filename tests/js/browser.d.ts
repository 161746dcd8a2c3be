/** Some browsers have it, TypeScript does not know it: https://wicg.github.io/shape-detection-api/ */
declare class BarcodeDetector {
  constructor(options: { formats: string[] });
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

/** Chromium's offer to install the page: https://wicg.github.io/manifest-incubations/ */
interface WindowEventMap {
  beforeinstallprompt: Event & { prompt(): Promise<unknown> };
}

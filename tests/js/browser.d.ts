/** Some browsers have it, TypeScript does not know it: https://wicg.github.io/shape-detection-api/ */
declare class BarcodeDetector {
  constructor(options: { formats: string[] });
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

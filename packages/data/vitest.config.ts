import { packageConfig } from '../../vitest.shared.ts';

export default packageConfig('@grad/data', { browser: true });

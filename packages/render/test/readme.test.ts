import { testPage } from '../../../scripts/test-examples.ts';

testPage('../README.md', import.meta.url);

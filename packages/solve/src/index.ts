/**
 * Differential equations, linear systems, roots and fixed points, with derivatives.
 *
 * @module
 */

export { odeint } from './ode/odeint.ts';

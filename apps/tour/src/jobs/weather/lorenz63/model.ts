import { lorenz63, type Model, trajectory } from '@grad/assimilation';

/** A model with the time that one of its steps takes. */
export interface Weather {
  readonly dt: number;
  readonly model: Model;
}

/** Lorenz's model of 1963, with his parameters, in steps of `dt`. */
export function lorenzWeather(dt: number): Weather {
  return { dt, model: lorenz63({ dt }) };
}

/** States from step 0 to step `steps` as numbers: `states[step][component]`. */
export function runModel({ model }: Weather, start: readonly number[], steps: number): number[][] {
  const states = trajectory(model, start, steps);
  const [, width = 0] = states.shape;
  return states.read((values) =>
    Array.from({ length: steps + 1 }, (_, step) =>
      Array.from(values.slice(step * width, (step + 1) * width)),
    ),
  );
}

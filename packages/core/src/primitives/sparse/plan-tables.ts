import { fromData, type Tensor } from '../../tensor/tensor.ts';
import { type FactorPlan, fieldCount } from './analysis/factor-plan.ts';
import { inverseOf } from './analysis/integers.ts';

/** A plan with its lists as tensors, for kernels to read. */
export class PlanTables {
  readonly plan: FactorPlan;
  readonly table: Tensor;
  readonly rows: Tensor;
  readonly relative: Tensor;
  readonly children: Tensor;
  readonly source: Tensor;
  readonly target: Tensor;
  /** Rows and columns of the matrix by places of the elimination, and the other way. */
  readonly rowAt: Tensor;
  readonly columnAt: Tensor;
  readonly placeOfRow: Tensor;
  readonly placeOfColumn: Tensor;
  readonly diagonal: Tensor;

  constructor(plan: FactorPlan) {
    const list = (data: Int32Array): Tensor => fromData('int32', [data.length], data);
    this.plan = plan;
    this.table = fromData('int32', [plan.panels, fieldCount], plan.table);
    this.rows = list(plan.rows);
    this.relative = list(plan.relative);
    this.children = list(plan.children);
    this.source = list(plan.source);
    this.target = list(plan.target);
    this.rowAt = list(plan.rowAt);
    this.columnAt = list(plan.columnAt);
    this.placeOfRow = list(inverseOf(plan.rowAt));
    this.placeOfColumn = list(inverseOf(plan.columnAt));
    this.diagonal = fromData('bool', [plan.diagonal.length], plan.diagonal);
  }
}

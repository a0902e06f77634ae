import { cast } from '../primitives/cast.ts';
import type { TensorMethods } from '../tensor/methods.ts';
import type { Tensor } from '../tensor/tensor.ts';
import * as elementwise from './elementwise.ts';
import { take } from './index-by-tensor.ts';
import { dot, matmul } from './matmul.ts';
import * as reduce from './reduce.ts';
import * as shape from './shape.ts';

/** The methods of tensors, as plain functions of `this`. */
export const methods: TensorMethods & ThisType<Tensor> = {
  add(y) {
    return elementwise.add(this, y);
  },
  sub(y) {
    return elementwise.sub(this, y);
  },
  mul(y) {
    return elementwise.mul(this, y);
  },
  div(y) {
    return elementwise.div(this, y);
  },
  pow(y) {
    return elementwise.pow(this, y);
  },
  matmul(y) {
    return matmul(this, y);
  },
  dot(y) {
    return dot(this, y);
  },
  maximum(y) {
    return elementwise.maximum(this, y);
  },
  minimum(y) {
    return elementwise.minimum(this, y);
  },
  eq(y) {
    return elementwise.eq(this, y);
  },
  ne(y) {
    return elementwise.ne(this, y);
  },
  lt(y) {
    return elementwise.lt(this, y);
  },
  le(y) {
    return elementwise.le(this, y);
  },
  gt(y) {
    return elementwise.gt(this, y);
  },
  ge(y) {
    return elementwise.ge(this, y);
  },
  neg() {
    return elementwise.neg(this);
  },
  abs() {
    return elementwise.abs(this);
  },
  sqrt() {
    return elementwise.sqrt(this);
  },
  square() {
    return elementwise.square(this);
  },
  exp() {
    return elementwise.exp(this);
  },
  log() {
    return elementwise.log(this);
  },
  sin() {
    return elementwise.sin(this);
  },
  cos() {
    return elementwise.cos(this);
  },
  tanh() {
    return elementwise.tanh(this);
  },
  sigmoid() {
    return elementwise.sigmoid(this);
  },
  relu() {
    return elementwise.relu(this);
  },
  sum(options) {
    return reduce.sum(this, options);
  },
  mean(options) {
    return reduce.mean(this, options);
  },
  prod(options) {
    return reduce.prod(this, options);
  },
  max(options) {
    return reduce.max(this, options);
  },
  min(options) {
    return reduce.min(this, options);
  },
  all(options) {
    return reduce.all(this, options);
  },
  any(options) {
    return reduce.any(this, options);
  },
  reshape(to) {
    return shape.reshape(this, to);
  },
  transpose(perm) {
    return shape.transpose(this, perm);
  },
  expandDims(axis) {
    return shape.expandDims(this, axis);
  },
  squeeze(axis) {
    return shape.squeeze(this, axis);
  },
  at(...index) {
    return shape.at(this, ...index);
  },
  take(index, options) {
    return take(this, index, options);
  },
  astype(dtype) {
    return this.dtype === dtype ? this : cast(this, { dtype });
  },
};

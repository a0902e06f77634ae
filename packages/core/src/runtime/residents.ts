import type { RealmMemory } from '../backends/wasm/memory.ts';
import { copyOf, type Data, itemSize, viewOf } from '../tensor/dtype.ts';
import { OutOfMemoryError } from '../tensor/out-of-memory.ts';
import { sizeOf } from '../tensor/shape.ts';
import { type DenseStorage, Elements, type Home } from '../tensor/storage.ts';
import { describeType, type TensorType } from '../tensor/type.ts';

/**
 * The tensors whose elements stay in the memory of compiled code, so that calls take them and
 * leave them there without a copy.
 *
 * In synchronous code nothing can be learned about handles that were dropped: finalizers run
 * between jobs, and a WeakRef keeps its target alive until then. So once the residents take more
 * than `budget` bytes, the oldest move to arrays of JavaScript's, which belong to the record of
 * the tensor alone, and are forgotten here; the garbage collector frees those that nobody holds.
 * Between jobs, finalizers free the others earlier.
 */
export class Residents {
  readonly realm: RealmMemory;
  #budget: number;
  #retired = false;
  readonly #age = new AgeList();
  readonly #dropped = new FinalizationRegistry<Resident>((resident) => resident.release());
  #bytes = 0;

  constructor(realm: RealmMemory, budget: number) {
    this.realm = realm;
    this.#budget = budget;
  }

  /** Bytes of memory that tensors take. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A block of memory, for which residents give way; `what` it is for goes into the message.
   *
   * @throws OutOfMemoryError when there is no room; everything stays usable.
   */
  allocate(bytes: number, what: () => string): number {
    for (;;) {
      const address = this.realm.tryAllocate(bytes);
      if (address !== undefined) return address;
      if (!this.#evictOldest()) throw this.outOfMemory(bytes, what());
    }
  }

  /** The error where so many bytes cannot be had. */
  outOfMemory(bytes: number, what: string): OutOfMemoryError {
    const [inUse, tensors] = [this.realm.bytesInUse, this.#bytes];
    const most = this.realm.mostBytes;
    return new OutOfMemoryError({
      bytes,
      what,
      held: {
        bytes: inUse,
        said:
          `${mebibytes(inUse)} MiB of WebAssembly memory are in use, ${mebibytes(tensors)} MiB by tensors ` +
          `and ${mebibytes(inUse - tensors)} MiB by calls, and it cannot grow further than ${mebibytes(most)} MiB in one piece`,
      },
    });
  }

  /** A block for a result of that type; `adopt` it or free it. What it is goes into the message. */
  reserve(type: TensorType, what = ''): number {
    const bytes = byteSize(type);
    while (this.#bytes + bytes > this.#budget && this.#evictOldest());
    return this.allocate(bytes, () => `${describeType(type)}${what}`);
  }

  /** Elements that live in a block, which belongs to them from now on. */
  adopt(address: number, type: TensorType): Elements {
    const resident = new Resident(this, type, undefined);
    const elements = new Elements(undefined, resident);
    this.#enroll(resident, address);
    this.#dropped.register(elements, resident, resident);
    return elements;
  }

  /**
   * Brings elements into memory, and pins them there. Those that come from JavaScript stay from the
   * second time on: many are used once.
   */
  admit(storage: DenseStorage, type: TensorType): Resident {
    const { length } = storage.data;
    if (length !== sizeOf(type.shape)) {
      throw new TypeError(`${length} elements were given where ${describeType(type)} is expected.`);
    }
    const home = storage instanceof Elements ? storage.home : undefined;
    const known = home instanceof Resident && home.residents === this ? home : undefined;
    const resident = known ?? new Resident(this, type, storage.data);
    if (storage instanceof Elements) {
      // What a memory has given up belongs to it no more.
      const left = home instanceof Resident && home.residents.#retired && home.address === 0;
      if (home === undefined || left) storage.home = resident;
    }
    resident.pin();
    if (resident.address !== 0) this.#age.renew(resident);
    else this.#upload(resident, storage, known === undefined);
    return resident;
  }

  /** Moves the oldest out until the rest is within the budget. */
  trim(): void {
    while (this.#bytes > this.#budget && this.#evictOldest());
  }

  /** Moves all out, those that calls use once these have ended. */
  retire(): void {
    this.#retired = true;
    this.#budget = 0;
    this.trim();
  }

  #upload(resident: Resident, storage: DenseStorage, guest: boolean): void {
    const { type, length } = resident;
    try {
      const address = this.reserve(type);
      resident.guest = guest;
      this.#enroll(resident, address);
      viewOf(type.dtype, this.realm.memory.buffer, address, length).set(storage.data);
      if (!guest) this.#dropped.register(storage, resident, resident);
    } catch (error) {
      resident.unpin();
      throw error;
    }
  }

  #enroll(resident: Resident, address: number): void {
    resident.address = address;
    this.#bytes += resident.bytes;
    this.#age.add(resident);
  }

  /** @internal Forgets a resident and frees its block. */
  remove(resident: Resident): void {
    if (resident.address === 0) return;
    this.realm.free(resident.address);
    resident.address = 0;
    this.#bytes -= resident.bytes;
    this.#age.remove(resident);
    if (!resident.guest) this.#dropped.unregister(resident);
  }

  #evictOldest(): boolean {
    const oldest = this.#age.oldestUnpinned();
    if (oldest === undefined) return false;
    oldest.keepCopy();
    this.remove(oldest);
    return true;
  }
}

/** The record of elements that are, or were, in memory. */
export class Resident implements Home {
  readonly residents: Residents;
  readonly type: TensorType;
  readonly length: number;
  /** Where the elements are; 0 when they are not in memory. */
  address = 0;
  /** Whether it leaves after the calls that use it now. */
  guest = false;
  /** Neighbours by age. */
  older: Resident | undefined;
  younger: Resident | undefined;
  #copy: Data | undefined;
  #view: Data | undefined;
  #pins = 0;
  #released = false;

  /** `copy` are the same elements in an array of JavaScript's. */
  constructor(residents: Residents, type: TensorType, copy: Data | undefined) {
    this.residents = residents;
    this.type = type;
    this.length = sizeOf(type.shape);
    this.#copy = copy;
  }

  get bytes(): number {
    return this.length * itemSize(this.type.dtype);
  }

  get pinned(): boolean {
    return this.#pins > 0;
  }

  get data(): Data {
    if (this.#copy) return this.#copy;
    // A view of memory that has grown since is empty.
    if (this.#view?.length !== this.length) {
      const { buffer } = this.residents.realm.memory;
      this.#view = viewOf(this.type.dtype, buffer, this.address, this.length);
    }
    return this.#view;
  }

  /** @internal Makes the record independent of memory. */
  keepCopy(): void {
    this.#copy ??= copyOf(
      this.data,
      `moving ${describeType(this.type)} out of WebAssembly memory, a copy`,
    );
    this.#view = undefined;
  }

  pin(): void {
    this.#pins++;
  }

  unpin(): void {
    this.#pins--;
    if (this.#pins === 0 && (this.#released || this.guest)) this.residents.remove(this);
  }

  release(): void {
    this.#released = true;
    if (this.#pins === 0) this.residents.remove(this);
  }
}

/** Residents in the order of their last use. */
class AgeList {
  #oldest: Resident | undefined;
  #youngest: Resident | undefined;

  add(resident: Resident): void {
    resident.older = this.#youngest;
    resident.younger = undefined;
    if (this.#youngest) this.#youngest.younger = resident;
    else this.#oldest = resident;
    this.#youngest = resident;
  }

  remove(resident: Resident): void {
    const { older, younger } = resident;
    if (older) older.younger = younger;
    else this.#oldest = younger;
    if (younger) younger.older = older;
    else this.#youngest = older;
    resident.older = undefined;
    resident.younger = undefined;
  }

  renew(resident: Resident): void {
    if (resident === this.#youngest) return;
    this.remove(resident);
    this.add(resident);
  }

  oldestUnpinned(): Resident | undefined {
    let resident = this.#oldest;
    while (resident?.pinned) resident = resident.younger;
    return resident;
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function byteSize(type: TensorType): number {
  return sizeOf(type.shape) * itemSize(type.dtype);
}

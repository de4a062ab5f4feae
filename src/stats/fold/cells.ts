/** Counts by bucket where most buckets are empty: sorted pairs of a bucket's number and its count, in one small array. */
export class Cells {
  /** Bucket, count, bucket, count…, up to `length` numbers. */
  pairs = new Uint32Array(0);
  length = 0;

  get empty(): boolean {
    return this.length === 0;
  }

  /** Place of the first bucket that is not before this one. */
  #find(bucket: number): number {
    const { pairs } = this;
    let low = 0;
    let high = this.length / 2;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pairs[middle * 2]! < bucket) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }

  change(bucket: number, weight: number): void {
    const place = this.#find(bucket);
    if (place < this.length && this.pairs[place] === bucket) {
      const count = this.pairs[place + 1]! + weight;
      if (count > 0) this.pairs[place + 1] = count;
      else this.#remove(place);
    } else if (weight > 0) {
      this.#insert(place, bucket, weight);
    }
  }

  #insert(place: number, bucket: number, count: number): void {
    if (this.length === this.pairs.length) {
      const larger = new Uint32Array(Math.max(2, Math.ceil(this.length * 0.75) * 2));
      larger.set(this.pairs);
      this.pairs = larger;
    }
    this.pairs.copyWithin(place + 2, place, this.length);
    this.pairs[place] = bucket;
    this.pairs[place + 1] = count;
    this.length += 2;
  }

  #remove(place: number): void {
    this.pairs.copyWithin(place, place + 2, this.length);
    this.length -= 2;
  }

  /** Sum of the buckets [from, to). */
  sum(from: number, to: number): number {
    let total = 0;
    for (let place = this.#find(from); place < this.length && this.pairs[place]! < to; place += 2) total += this.pairs[place + 1]!;
    return total;
  }

  /** Number of the newest bucket, and the oldest; undefined where there is none. */
  get newest(): number | undefined {
    return this.length === 0 ? undefined : this.pairs[this.length - 2];
  }

  get oldest(): number | undefined {
    return this.length === 0 ? undefined : this.pairs[0];
  }

  /** Lets go of the buckets before this one. */
  dropBefore(bucket: number): void {
    const place = this.#find(bucket);
    if (place === 0) return;
    this.length -= place;
    this.pairs = this.pairs.slice(place, place + this.length);
  }

  restore(pairs: Uint32Array<ArrayBuffer>): void {
    this.pairs = pairs;
    this.length = pairs.length;
  }
}

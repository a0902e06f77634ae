import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  codingSequence,
  extractLocation,
  introns,
  oneHotBatch,
  oneHotDna,
  parseLocation,
  readFasta,
  readGenbank,
  reverseComplement,
  translate,
} from '../src/index.ts';

const folder = `${process.env['GRAD_DATA'] ?? ''}/genbank`;

describe('readGenbank', () => {
  it.skipIf(!existsSync(folder)).each([
    ['arab1.gb', 18],
    ['NC_005816.gb', 10],
  ])('gives all translations of %s', (file, count) => {
    const [record] = readGenbank(readFileSync(`${folder}/${file}`, 'utf8'));
    const coding = record?.features.filter(({ key }) => key === 'CDS') ?? [];
    expect(coding.length).toBe(count);
    for (const feature of coding) {
      const { protein, bases } = record
        ? codingSequence(record, feature)
        : { protein: '', bases: '' };
      expect(protein, `line ${feature.line}`).toBe(feature.qualifiers.get('translation')?.[0]);
      expect(bases.length).toBe(3 * protein.length + 3);
    }
  });

  it('keeps a join with another record, and reports it when its bases are asked for', () => {
    const [record] = readGenbank(
      'LOCUS       X 12 bp DNA\nFEATURES\n' +
        '     CDS             join(1..9,AL121804.2:41..610)\n' +
        '     CDS             1..9\n                     /transl_table=11\n' +
        ['<4..12', '4..>12', 'complement(10..>12)', 'complement(<10..12)']
          .map((at) => `     CDS             ${at}\n                     /transl_table=2\n`)
          .join('') +
        'ORIGIN\n 1 gtggtgtaacac\n//\n',
    );
    const [remote, whole, ...open] = record?.features ?? [];
    if (!record || !remote || !whole) throw new Error('A feature is missing.');
    expect(remote.location.parts[1]?.remote).toBe('AL121804.2');
    expect(() => codingSequence(record, remote)).toThrow(
      'AL121804.2:41..610 lies in another record',
    );
    // GTG begins a protein of bacteria, and is valine elsewhere.
    expect(codingSequence(record, whole)).toEqual({ bases: 'GTGGTGTAA', protein: 'MV' });
    // A protein that is open where it begins has no start there.
    const proteins = open.map((feature) => codingSequence(record, feature).protein);
    expect(proteins).toEqual(['V*H', 'M*H', 'V', 'M']);
  });

  it.skipIf(!existsSync(folder))('agrees with the FASTA file of the same record', () => {
    const [record] = readGenbank(readFileSync(`${folder}/NC_005816.gb`, 'utf8'));
    const [fasta] = readFasta(readFileSync(`${folder}/NC_005816.fna`, 'utf8'));
    expect(record?.sequence).toBe(fasta?.sequence);
    expect(record?.sequence.length).toBe(9609);
  });

  it('names the line of what it cannot read', () => {
    const head = 'LOCUS       X 4 bp DNA\n';
    const feature = `${head}FEATURES\n     CDS             joyn(1..2)\nORIGIN\n 1 acgt\n//\n`;
    expect(() => readGenbank(feature, 'x.gb')).toThrow('x.gb, line 3: "joyn(1..2)" is no location');
    expect(() => readGenbank(`${head}ORIGIN\n 1 acg\n//`)).toThrow('line 4: X has 3 bases');
    expect(() => readGenbank(`${head}ORIGIN\n 1 a?gt\n//`)).toThrow('line 3: a line of bases');
    expect(() => readGenbank(head)).toThrow('line 1: the record X is not ended');
    expect(() => readGenbank('hello')).toThrow('line 1: a record begins with LOCUS');
  });
});

describe('introns', () => {
  it('lie between parts that follow one another', () => {
    expect(introns(parseLocation('join(1..9,20..30,40..41)'))).toEqual([
      { start: 10, end: 19, complement: false },
      { start: 31, end: 39, complement: false },
    ]);
    const there = [{ start: 10, end: 19, complement: true }];
    expect(introns(parseLocation('complement(join(1..9,20..30))'))).toEqual(there);
    expect(introns(parseLocation('join(complement(20..30),complement(1..9))'))).toEqual(there);
  });

  it('are not where parts touch, change their strand, or lie in another record', () => {
    for (const text of [
      '1..9',
      'order(1..9,20..30)',
      'join(1..9,10..30)',
      'join(1..9,9..30)',
      'join(1..9,complement(20..30))',
      'join(1..9,AL121804.2:41..610)',
    ]) {
      expect(introns(parseLocation(text)), text).toEqual([]);
    }
  });

  it.skipIf(!existsSync(folder))('of a chromosome piece begin with GT and end with AG', () => {
    const [record] = readGenbank(readFileSync(`${folder}/arab1.gb`, 'utf8'));
    const found =
      record?.features.flatMap(({ key, location }) => (key === 'CDS' ? introns(location) : [])) ??
      [];
    expect(found.length).toBe(84);
    for (const { start, end, complement } of found) {
      const given = record?.sequence.slice(start - 1, end) ?? '';
      const bases = complement ? reverseComplement(given) : given;
      expect(`${bases.slice(0, 2)}..${bases.slice(-2)}`).toBe('GT..AG');
    }
  });
});

describe('locations', () => {
  it('report a remote join', () => {
    const location = parseLocation('join(1..9,AL121804.2:41..610)');
    expect(location.parts[1]).toEqual({
      start: 41,
      end: 610,
      complement: false,
      remote: 'AL121804.2',
    });
    expect(() => extractLocation('ACGTACGTAC', location)).toThrow(
      'AL121804.2:41..610 lies in another',
    );
  });

  it('read strands and open ends', () => {
    const location = parseLocation('complement(join(<1..2,4..5))');
    expect(location.partial).toBe(true);
    expect(extractLocation('AACGT', location)).toBe('ACTT');
    expect(extractLocation('AACGT', parseLocation('order(1,complement(3..4))'))).toBe('ACG');
    expect(() => extractLocation('AC', parseLocation('1..3'))).toThrow('past the 2 bases');
    expect(extractLocation('AC', parseLocation('1^2'))).toBe('');
    expect(() => parseLocation('5..2')).toThrow('must not end before it starts');
  });
});

describe('bases', () => {
  it('are reversed, encoded and translated', () => {
    expect(reverseComplement('AACRn')).toBe('nYGTT');
    expect(oneHotDna('AR').toArray()).toEqual([
      [1, 0, 0, 0],
      [0.5, 0, 0.5, 0],
    ]);
    expect(translate('AUGTGGNNNTAAC')).toBe('MWX*');
    expect(translate('GATG', { codonStart: 2 })).toBe('M');
    expect(translate('TTGTTGTAA', { start: true })).toBe('ML*');
    expect(translate('TTGTTGTAA')).toBe('LL*');
    // Tables 2 and 6 of NCBI: mitochondria of vertebrates, ciliates.
    expect(translate('ATATGAAGA', { table: 2 })).toBe('MW*');
    expect(translate('TAATGA', { table: 6 })).toBe('Q*');
  });

  it('of several sequences have rows of zeros after the end of the shorter ones', () => {
    const { x, mask } = oneHotBatch(['AC', 'T'], { dtype: 'float64' });
    expect(x.toArray()).toEqual([
      [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      [
        [0, 0, 0, 1],
        [0, 0, 0, 0],
      ],
    ]);
    expect(mask.toArray()).toEqual([
      [1, 1],
      [1, 0],
    ]);
    expect(x.dtype).toBe('float64');
    expect(oneHotBatch(['A']).mask.dtype).toBe('float32');
    expect(() => oneHotBatch(['AC', 'A!'])).toThrow('sequence 2: character 2 is "!"');
    expect(() => oneHotBatch(['', ''])).toThrow('no base in the sequences');
  });

  it('are refused when they are none', () => {
    expect(() => oneHotDna('AC!')).toThrow('character 3 is "!"');
    expect(() => oneHotDna('')).toThrow('empty');
    expect(() => reverseComplement('A!')).toThrow('character 2 is "!"');
    expect(() => translate('ATG', { table: 7 })).toThrow('no genetic code 7; there are 1, 2, 3');
    expect(() => translate('ATG', { codonStart: 4 })).toThrow('codonStart is 4');
  });
});

describe('readFasta', () => {
  it('reads names and lines, and names a bad line', () => {
    expect(readFasta('>a one two\r\nAC\r\nGT\r\n\r\n>b\nTT')).toEqual([
      { id: 'a', description: 'one two', sequence: 'ACGT' },
      { id: 'b', description: '', sequence: 'TT' },
    ]);
    expect(() => readFasta('ACGT', 'f.fa')).toThrow(
      "f.fa, line 1, column '1': a FASTA file begins",
    );
    expect(() => readFasta('>a\nAC1')).toThrow("line 2, column '3'");
    expect(() => readFasta('>\nAC')).toThrow('needs a name');
  });
});

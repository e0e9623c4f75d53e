// What `doctor` tells of one fact: as it should be, or what it means for presets and what mends it.

/** 'good': as it should be; 'limit': some presets cannot run, or run worse; 'bad': nothing can run. */
export type Grade = 'good' | 'limit' | 'bad';

export interface Finding {
  readonly fact: string;
  readonly is: string;
  readonly grade: Grade;
  /** For presets; '' where it is as it should be. */
  readonly means: string;
  readonly fix: string;
}

export type Told = Omit<Finding, 'fact'>;

export const good = (is: string): Told => ({is, grade: 'good', means: '', fix: ''});
export const limit = (is: string, means: string, fix = ''): Told => ({is, grade: 'limit', means, fix});
export const bad = (is: string, means: string, fix: string): Told => ({is, grade: 'bad', means, fix});

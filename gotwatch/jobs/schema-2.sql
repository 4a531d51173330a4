-- Version 2: several pages may be read in one go, and how sure the model was of its least certain token.
alter table page add column count integer not null default 1;
alter table page add column least_confidence real;

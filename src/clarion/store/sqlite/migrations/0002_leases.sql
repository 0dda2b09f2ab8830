-- A worker has to say that it is alive within its lease (microseconds). What a dead one had in hand is taken over
-- once: rescued_at says that nothing is left.
alter table worker add column lease integer not null default 30000000;
alter table worker add column rescued_at integer;
create index worker_unrescued on worker (worker) where rescued_at is null;

create table leader (
    role text primary key,
    worker integer not null,
    until integer not null
) strict, without rowid;

-- Grows with every change of an environment's catalogue, so that other processes see it.
create table catalog_stamp (
    env integer primary key,
    stamp integer not null
) strict;

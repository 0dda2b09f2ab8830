-- A worker has to say that it is alive within its lease (microseconds). What a dead one had in hand is taken over
-- once: rescued_at says that nothing is left.
alter table worker add column lease bigint not null default 30000000;
alter table worker add column rescued_at bigint;
create index worker_unrescued on worker (worker) where rescued_at is null;

create table leader (
    role text collate "C" primary key,
    worker bigint not null,
    until bigint not null
) with (fillfactor = 50);

-- Grows with every change of an environment's catalogue, so that other processes see it.
create table catalog_stamp (
    env bigint primary key,
    stamp bigint not null
) with (fillfactor = 50);

-- A number of the queue is never given twice: an outcome that comes late must not find another delivery under it.
create table ready_again (
    seq integer primary key autoincrement,
    lane integer not null,
    account text not null,
    tenant integer not null,
    due integer not null,
    state integer not null default 0,
    worker integer not null default 0,
    fence integer not null default 0,
    crashes integer not null default 0,
    attempts integer not null default 0,
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    channel integer not null,
    destination integer not null,
    ordering_key text,
    bound integer not null default 0,
    behind integer not null default 0,
    line text,
    tried_before integer,
    redriven_at integer
) strict;
insert into ready_again select * from ready order by seq;
drop table ready;
alter table ready_again rename to ready;
create index ready_by_turn on ready (lane, account, state, behind, env, tenant, due);
create index ready_by_line on ready (env, line, seq) where line is not null;
create index ready_suspect on ready (worker) where state = 1 and crashes > 1;
create unique index ready_by_delivery on ready (env, event, workflow, user, step, channel, destination);

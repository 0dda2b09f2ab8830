-- What processes share of an account: the breaker (phase to cause), its term, who turned it last, until when
-- it is paused, and when its quota's bucket is full again.
create table account (
    account text collate "C" primary key,
    phase bigint not null default 0,
    since bigint not null default 0,
    until bigint not null default 0,
    trips bigint not null default 0,
    step bigint not null default 0,
    cause text not null default '',
    term bigint not null default 0,
    holder bigint not null default 0,
    paused_until bigint not null default 0,
    full_at bigint not null default 0
);

create table account_report (
    account text collate "C" not null,
    worker bigint not null,
    in_flight bigint not null,
    limit_now bigint not null,
    outcomes text not null,
    errors text not null,
    at bigint not null,
    primary key (account, worker)
);

-- A delivery that may have been sent stays with its account where only there a repeat is harmless.
alter table ready add column bound bigint not null default 0;

-- Workflows (kind 0) and template files (kind 1) as somebody left them, before they are published. `edition` counts
-- the saves, `based_on` is the version that was live when the draft was begun (0: none).
create table draft (
    env integer not null,
    kind integer not null,
    name text not null,
    edition integer not null,
    based_on integer not null,
    at integer not null,
    body text not null,
    primary key (env, kind, name)
) strict, without rowid;

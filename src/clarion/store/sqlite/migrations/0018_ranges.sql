-- Whether a task was cut: 0 nobody has looked, 1 it is what is left behind a first range, 2 it is walked as it is.
alter table task add column cut integer not null default 0;

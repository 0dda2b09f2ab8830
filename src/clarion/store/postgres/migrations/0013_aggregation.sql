-- Inbox items that stand for several events.
select 1;

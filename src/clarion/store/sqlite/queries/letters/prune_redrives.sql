-- Numbers grow with time: only the oldest are looked at.
delete from redrive
where redrive in (
    select o.redrive
    from (select redrive, finished_at from redrive order by redrive limit ?2) as o
    where o.finished_at <= ?1
)

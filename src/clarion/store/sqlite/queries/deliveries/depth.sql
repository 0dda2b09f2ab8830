-- Rows that wait or are being sent; those out of sight (due from the last parameter on) are left out.
select count(*) from (select 1 from ready where lane = ?1 and account = ?2 and due < ?4 limit ?3)

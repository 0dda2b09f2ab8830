update worker set beat_at = ? where worker = (select max(worker) from worker)

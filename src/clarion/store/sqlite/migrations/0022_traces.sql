-- Where the event stands in a trace: traceparent, a blank, tracestate (W3C Trace Context). Null where nothing is
-- recorded.
alter table event add column trace text;

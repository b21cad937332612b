-- Only tests asked it: a decision is recomputed by programme.audit_decision_page.
drop function if exists programme.rule_result(jsonb, jsonb);

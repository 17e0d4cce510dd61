"""Everything that can be found wrong with a policy before any call is made."""

from agents.authority.findings import Finding
from agents.authority.lint_between import between_rules
from agents.authority.lint_one import about_rule, quorum
from agents.authority.regions import regions_of
from agents.authority.rules import STARTER_PREFIX, Policy


def lint(policy: Policy) -> tuple[Finding, ...]:
    """All findings, in the order of the rules. A starter's rules are judged by their quorum only."""
    regions = {rule.id: regions_of(rule, policy.registry) for rule in policy.rules}
    found: list[Finding] = []
    for rule in policy.rules:
        if rule.id.startswith(STARTER_PREFIX):
            found += quorum(policy, rule)
        else:
            found += about_rule(policy, rule, regions[rule.id])
    found += between_rules(policy, regions)
    order = {rule.id: position for position, rule in enumerate(policy.rules)}
    return tuple(sorted(found, key=lambda finding: order[finding.rule_id]))

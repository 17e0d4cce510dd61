"""What the gateway process is given of the environment: by name, and nothing else."""

from collections.abc import Iterable, Mapping

from agents.roster import ModelSpec

PASSED_THROUGH = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
"""How to find programs, read text, trust certificates and get out through a proxy."""

LITELLM_SWITCHES = {
    # Without these two, importing it fetches a price map and some calls fetch more (measured on 1.109.1).
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    # Its default mode loads a .env file from the working directory into the environment.
    "LITELLM_MODE": "PRODUCTION",
}


def child_environment(source: Mapping[str, str], models: Iterable[ModelSpec]) -> dict[str, str]:
    """The gateway's whole environment: the few variables above, the models' keys, and litellm told to stay offline."""
    keys = {model.key_env for model in models if model.key_env is not None}
    wanted = {name: source[name] for name in (*PASSED_THROUGH, *keys) if name in source}
    return {**wanted, **LITELLM_SWITCHES}


def secrets_in(source: Mapping[str, str], models: Iterable[ModelSpec]) -> frozenset[str]:
    """The values of all keys: what no text from the gateway may hold."""
    return frozenset(source[model.key_env] for model in models if model.key_env and source.get(model.key_env))

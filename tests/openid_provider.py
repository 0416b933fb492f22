"""An OpenID provider on this machine for the tests, in a process of its own: `python -m tests.openid_provider`.

It is the `oidc-provider-mock` package, which speaks real HTTP; here it also insists on PKCE, by Authlib's own check.
It prints its port, and anybody may sign in as whoever he says he is.
"""

from __future__ import annotations

from typing import Any

import oidc_provider_mock
from authlib.oauth2.rfc7636 import CodeChallenge
from oidc_provider_mock import _app as provider
from werkzeug.serving import make_server

_challenges: dict[str, tuple[str, str]] = {}


class WithChallenge(provider.AuthorizationCodeGrant):
    """Remembers the challenge of each code."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        super().save_authorization_code(code, request)
        data = request.payload.data
        _challenges[code] = data["code_challenge"], data["code_challenge_method"]


class Insisting(CodeChallenge):  # type: ignore[misc]
    """No code without a challenge, and no token without its verifier."""

    def get_authorization_code_challenge(self, authorization_code: Any) -> str:
        return _challenges[authorization_code.code][0]

    def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
        return _challenges[authorization_code.code][1]


def main() -> None:
    register = provider.flask_oauth2.AuthorizationServer.register_grant

    def with_challenge(self: Any, grant: Any, extensions: Any = None) -> None:
        if grant is provider.AuthorizationCodeGrant:
            grant, extensions = WithChallenge, [*extensions, Insisting(required=True)]
        register(self, grant, extensions)

    provider.flask_oauth2.AuthorizationServer.register_grant = with_challenge  # type: ignore[method-assign]
    server = make_server("127.0.0.1", 0, oidc_provider_mock.app(require_nonce=True), threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

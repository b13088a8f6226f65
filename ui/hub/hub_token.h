#pragma once

#include "ui/hub/hub_environment.h"

#include <QByteArray>
#include <QString>

namespace weighbridge {

enum class HubTokenSource
{
    None,        ///< there is no token; public models need none
    Field,       ///< typed by the user
    Environment, ///< HF_TOKEN
    File,        ///< the file that `hf auth login` writes
};

/// The token to send, and where it came from. Never show, log or store `token`.
struct HubToken
{
    QByteArray token;
    HubTokenSource source = HubTokenSource::None;
    QString error; ///< for people: the first source that has something has something unusable; `token` is then empty
};

/// The first of: the field's text, `HF_TOKEN`, the token file. White space around it is dropped. A source that holds
/// something which can't be a token ends the search with an error instead of being passed over in silence.
[[nodiscard]] HubToken resolveHubToken(const QString& fieldText, const HubEnvironment& environment);

/// Where the token file is: `$HF_TOKEN_PATH`, else `$HF_HOME/token`, else `$XDG_CACHE_HOME/huggingface/token`, else
/// `~/.cache/huggingface/token`. The order and the leading `~` are huggingface_hub's (constants.py).
[[nodiscard]] QString hubTokenPath(const HubEnvironment& environment);

/// Whether the bytes can be put into a header: 1 to 1024 printable ASCII characters without a space.
[[nodiscard]] bool isUsableToken(const QByteArray& token);

} // namespace weighbridge

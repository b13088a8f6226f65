#pragma once

#include <QProcessEnvironment>
#include <QString>
#include <QUrl>

namespace weighbridge {

/// The part of the surroundings that Hugging Face tools read. A value, so that a test brings its own.
struct HubEnvironment
{
    QProcessEnvironment variables;
    QString home; ///< the user's home directory

    /// The surroundings of this process.
    [[nodiscard]] static HubEnvironment ofProcess();

    /// A variable without surrounding white space; empty when unset.
    [[nodiscard]] QString variable(const QString& name) const;
};

/// https://huggingface.co
[[nodiscard]] QUrl defaultHubUrl();

/// `HF_ENDPOINT` where it is set, else `defaultHubUrl()`. What can't be used as an endpoint is returned as it is: a
/// fetch then says what is wrong with it (`endpointProblem`) instead of quietly asking another server.
[[nodiscard]] QUrl hubBaseUrl(const HubEnvironment& environment);

/// Why `baseUrl` can't be used, for people, or an empty string when it can. Never quotes a password in it.
[[nodiscard]] QString endpointProblem(const QUrl& baseUrl);

/// Same scheme, host and port (default ports filled in): the only place a token given for `a` may go.
[[nodiscard]] bool sameOrigin(const QUrl& a, const QUrl& b);

/// Whether the host is this machine: 127.0.0.0/8, ::1 or localhost.
[[nodiscard]] bool isLoopback(const QUrl& url);

} // namespace weighbridge

#include "ui/hub/hub_token.h"

#include <algorithm>
#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

struct TokenText
{
    Q_DECLARE_TR_FUNCTIONS(weighbridge::HubToken)
};

constexpr qsizetype maximumTokenLength = 1024;

HubToken checked(const QByteArray& token, HubTokenSource source, const QString& error)
{
    return isUsableToken(token) ? HubToken{token, source, {}} : HubToken{{}, source, error};
}

QString expanded(const QString& path, const HubEnvironment& environment)
{
    return path == u"~"_s || path.startsWith(u"~/"_s) ? environment.home + path.mid(1) : path;
}

} // namespace

bool isUsableToken(const QByteArray& token)
{
    return !token.isEmpty() && token.size() <= maximumTokenLength &&
           std::all_of(token.cbegin(), token.cend(), [](char c) { return c > ' ' && c < 0x7f; });
}

QString hubTokenPath(const HubEnvironment& environment)
{
    if (const QString path = environment.variable(u"HF_TOKEN_PATH"_s); !path.isEmpty()) {
        return expanded(path, environment);
    }
    if (const QString home = environment.variable(u"HF_HOME"_s); !home.isEmpty()) {
        return expanded(home, environment) + u"/token"_s;
    }
    if (const QString cache = environment.variable(u"XDG_CACHE_HOME"_s); !cache.isEmpty()) {
        return expanded(cache, environment) + u"/huggingface/token"_s;
    }
    return environment.home + u"/.cache/huggingface/token"_s;
}

HubToken resolveHubToken(const QString& fieldText, const HubEnvironment& environment)
{
    if (const QByteArray token = fieldText.trimmed().toUtf8(); !token.isEmpty()) {
        return checked(
            token, HubTokenSource::Field,
            TokenText::tr(
                "The token has characters that no token has. Copy it again from your Hugging Face settings."));
    }
    if (const QByteArray token = environment.variable(u"HF_TOKEN"_s).toUtf8(); !token.isEmpty()) {
        return checked(token, HubTokenSource::Environment,
                       TokenText::tr("The variable HF_TOKEN has characters that no token has."));
    }
    // Only a regular file: reading a pipe could wait forever.
    const QString path = hubTokenPath(environment);
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
        return {};
    }
    const QByteArray token = file.read(4 * maximumTokenLength).trimmed();
    if (token.isEmpty()) {
        return {};
    }
    return checked(token, HubTokenSource::File,
                   TokenText::tr("The token file %1 holds something else than one token.").arg(path));
}

} // namespace weighbridge

#include "ui/hub/hub_environment.h"

#include <QCoreApplication>
#include <QDir>
#include <QHostAddress>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

struct EnvironmentText
{
    Q_DECLARE_TR_FUNCTIONS(weighbridge::HubEnvironment)
};

int effectivePort(const QUrl& url)
{
    return url.port(url.scheme() == u"https"_s ? 443 : 80);
}

} // namespace

HubEnvironment HubEnvironment::ofProcess()
{
    return {QProcessEnvironment::systemEnvironment(), QDir::homePath()};
}

QString HubEnvironment::variable(const QString& name) const
{
    return variables.value(name).trimmed();
}

QUrl defaultHubUrl()
{
    return QUrl(u"https://huggingface.co"_s);
}

QUrl hubBaseUrl(const HubEnvironment& environment)
{
    const QString endpoint = environment.variable(u"HF_ENDPOINT"_s);
    return endpoint.isEmpty() ? defaultHubUrl() : QUrl(endpoint, QUrl::StrictMode);
}

QString endpointProblem(const QUrl& baseUrl)
{
    if (!baseUrl.isValid() || baseUrl.host().isEmpty() ||
        (baseUrl.scheme() != u"https"_s && baseUrl.scheme() != u"http"_s)) {
        return EnvironmentText::tr("The Hub's address (HF_ENDPOINT) has to look like https://huggingface.co.");
    }
    if (!baseUrl.userInfo().isEmpty()) {
        return EnvironmentText::tr(
            "The Hub's address (HF_ENDPOINT) holds a user name or password. Give an access token instead.");
    }
    if (baseUrl.hasQuery() || baseUrl.hasFragment()) {
        return EnvironmentText::tr("The Hub's address (HF_ENDPOINT) may not have a part that begins with ? or #.");
    }
    return {};
}

bool sameOrigin(const QUrl& a, const QUrl& b)
{
    return a.scheme() == b.scheme() && a.host() == b.host() && effectivePort(a) == effectivePort(b);
}

bool isLoopback(const QUrl& url)
{
    return url.host() == u"localhost"_s || QHostAddress(url.host()).isLoopback();
}

} // namespace weighbridge

#include "app/hub_fetch.h"

#include "ui/hub/hub_model_fetch.h"
#include "ui/hub/hub_token.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QLoggingCategory>
#include <QNetworkAccessManager>
#include <QStandardPaths>

#include <memory>

namespace weighbridge {

namespace {

Error hub_error(const QString& message)
{
    return {"model", message.toStdString()};
}

/// Where the window keeps its copies too.
QString cache_directory()
{
    return QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + QStringLiteral("/hub");
}

} // namespace

Result<HubModel> fetch_from_hub(const std::string& reference)
{
    static int count = 1;
    static char name[] = "weighbridge";
    static char* arguments[] = {name, nullptr};
    std::unique_ptr<QCoreApplication> application;
    if (QCoreApplication::instance() == nullptr) {
        QLoggingCategory::setFilterRules(QStringLiteral("*.warning=false")); // standard error is for our own line
        application = std::make_unique<QCoreApplication>(count, arguments);
    }
    QCoreApplication::setApplicationName(QStringLiteral("weighbridge")); // the cache is the window's

    const HubEnvironment environment = HubEnvironment::ofProcess();
    const QUrl base = hubBaseUrl(environment);
    const ParsedReference parsed = parseModelReference(QString::fromStdString(reference), base);
    if (!parsed.reference)
        return hub_error(parsed.error);
    const HubToken token = resolveHubToken({}, environment);
    if (!token.error.isEmpty())
        return hub_error(token.error);

    QNetworkAccessManager network;
    HubModelFetch client(network, base, cache_directory());
    QEventLoop loop;
    HubResult answer;
    QObject::connect(&client, &HubModelFetch::finished, &loop, [&](const HubResult& result) {
        answer = result;
        loop.quit();
    });
    client.fetch(*parsed.reference, token.token);
    loop.exec();
    if (answer.status == HubStatus::ChooseFile)
        return hub_error(
            answer.message +
            QStringLiteral(" Name it after a colon: hf:%1:%2").arg(answer.repository, answer.choices.first().label()));
    if (!answer.hasConfig())
        return hub_error(answer.message);
    const bool kept = answer.status == HubStatus::FromCache;
    return HubModel{fetchedModel(answer), kept ? answer.message.toStdString() : std::string()};
}

} // namespace weighbridge

#include "app/hub_fetch.h"

#include "ui/hub/hub_model_fetch.h"
#include "ui/hub/hub_token.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QLoggingCategory>
#include <QNetworkAccessManager>
#include <QStandardPaths>

#include <algorithm>
#include <memory>

namespace weighbridge {

namespace {

Error hub_error(const QString& message)
{
    return {"model", message.toStdString()};
}

Error argument_error(const QString& message)
{
    return {std::string(not_fetchable), message.toStdString()};
}

/// The short name of the first file, or all of it where that is another's too.
QString name_of_first(const QList<GgufChoice>& choices)
{
    const QString label = choices.first().label();
    const auto same = std::count_if(choices.begin(), choices.end(),
                                    [&](const GgufChoice& choice) { return choice.label() == label; });
    return same == 1 ? label : choices.first().name;
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
        return argument_error(parsed.error);
    const HubToken token = resolveHubToken({}, environment);
    if (!token.error.isEmpty())
        return argument_error(token.error);

    QNetworkAccessManager network;
    HubModelFetch client(network, base, cache_directory());
    if (const HubVerdict refused = client.refusal(*parsed.reference, token.token); refused.status != HubStatus::Ok)
        return argument_error(refused.message);
    QEventLoop loop;
    HubResult answer;
    QObject::connect(&client, &HubModelFetch::finished, &loop, [&](const HubResult& result) {
        answer = result;
        loop.quit();
    });
    client.fetch(*parsed.reference, token.token);
    loop.exec();
    if (answer.status == HubStatus::ChooseFile)
        return argument_error(
            answer.message +
            QStringLiteral(" Name it after a colon: hf:%1:%2").arg(answer.repository, name_of_first(answer.choices)));
    if (!answer.hasConfig())
        return hub_error(answer.message);
    const bool kept = answer.status == HubStatus::FromCache;
    return HubModel{fetchedModel(answer), kept ? answer.message.toStdString() : std::string()};
}

} // namespace weighbridge

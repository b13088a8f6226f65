#include "ui/settings/settings_file.h"

#include "core/files/files.h"
#include "core/sources/json_text.h"
#include "ui/session/text.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStandardPaths>

#include <chrono>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 largestFile = qint64{4} * 1024 * 1024;
constexpr std::chrono::milliseconds quiet{1000};

} // namespace

SettingsFile::SettingsFile(QString path, QObject* parent) : QObject(parent), path_(std::move(path))
{
    pending_.setSingleShot(true);
    pending_.setInterval(quiet);
    connect(&pending_, &QTimer::timeout, this, &SettingsFile::save);
}

SettingsFile::~SettingsFile()
{
    if (pending_.isActive())
        save();
}

QString SettingsFile::standardPath()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation)).filePath(u"settings.json"_s);
}

QString SettingsFile::load()
{
    settings_ = {};
    QFile file(path_);
    if (path_.isEmpty() || !file.exists())
        return {};
    if (!QFileInfo(path_).isFile() || !file.open(QIODevice::ReadOnly))
        return tr("The settings file %1 can't be read: %2. The defaults are used.").arg(path_, file.errorString());
    if (file.size() > largestFile) {
        file.close();
        return setAside(tr("it is larger than any settings file"));
    }
    const QByteArray bytes = file.read(largestFile);
    file.close();
    const auto json = parse_json({bytes.constData(), static_cast<std::size_t>(bytes.size())}, "settings.json");
    if (!json)
        return setAside(toQt(json.error().message));
    if (!json->is_object())
        return setAside(tr("it holds no settings"));
    settings_ = readSettings(*json);
    return {};
}

bool SettingsFile::save()
{
    pending_.stop();
    if (path_.isEmpty())
        return true;
    QDir().mkpath(QFileInfo(path_).path());
    const std::string text =
        writeSettings(settings_).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    return !write_file(fromQt(path_), text, WriteInto::files);
}

QString SettingsFile::setAside(const QString& reason)
{
    const QString stamp = QDateTime::currentDateTime().toString(u"yyyy-MM-dd-HHmmss"_s);
    const QDir folder = QFileInfo(path_).dir();
    QString aside = folder.filePath(u"settings.damaged-"_s + stamp + u".json"_s);
    for (int next = 2; QFile::exists(aside); ++next)
        aside = folder.filePath(u"settings.damaged-"_s + stamp + u'-' + QString::number(next) + u".json"_s);
    if (!QFile::rename(path_, aside))
        return tr("The settings file can't be used (%1). The defaults are used.").arg(reason);
    return tr("The settings file could not be used (%1). It was kept as %2; the defaults are used.")
        .arg(reason, QFileInfo(aside).fileName());
}

} // namespace weighbridge

#pragma once

#include "ui/settings/settings.h"

#include <QObject>
#include <QString>
#include <QTimer>

namespace weighbridge {

/// The settings on disk: one JSON file, read once, written through a temporary file a moment after the last change and
/// at the end.
class SettingsFile : public QObject
{
    Q_OBJECT

public:
    /// An empty path means that nothing is read or kept.
    explicit SettingsFile(QString path, QObject* parent = nullptr);
    ~SettingsFile() override;

    /// settings.json where the system keeps the settings of applications.
    static QString standardPath();

    /// Reads the file. One that is no settings file (not JSON, too deep, too large) is set aside as
    /// "settings.damaged-DATE.json", so that nothing in it is lost, and the defaults are used; the message says so.
    /// Empty when all went well.
    QString load();

    const Settings& settings() const { return settings_; }
    /// Changes the settings; they are written soon.
    template<class Change>
    void edit(Change change)
    {
        const Settings before = settings_;
        change(settings_);
        if (!(settings_ == before))
            pending_.start();
    }

    /// Writes what is pending. False when the disk does not let us; the file is then as it was.
    bool save();

private:
    QString setAside(const QString& reason);

    QString path_;
    Settings settings_;
    QTimer pending_;
};

} // namespace weighbridge

#pragma once

#include "ui/accuracy/accuracy_window.h"
#include "ui/settings/settings_file.h"
#include "ui/window/appearance.h"
#include "ui/window/window_services.h"

#include <QMainWindow>
#include <QPointer>
#include <QTimer>

class QScrollArea;
class QSplitter;

namespace weighbridge {

class Form;
class GuideWindow;
class HelpWindow;
class IssueBar;
class MessageStrip;
class ModelSource;
class ResultPane;
class Session;
class SummaryBar;
class TablesWindow;
enum class HelpPage;
enum class TablesPage;
struct WantedFile;

/// The window: the form at the left, what comes of it at the right, one line of facts below.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    MainWindow(WindowServices services, Appearance& appearance, QWidget* parent = nullptr);
    ~MainWindow() override;

    Session& session() { return *session_; }
    Form& form() { return *form_; }

    /// A weights file, a config.json, a model folder or a scenario. Headers of weights are read while the window goes
    /// on. What can't be opened is said and changes nothing.
    void openPath(const QString& path);
    void say(Severity severity, const QString& message);

    void openFile();
    void openFolder();
    void saveScenario();
    /// By the ending: png, svg, pdf, csv, json, md.
    void exportAs(const QString& ending);
    void copyPicture();
    void copyEstimateTable();
    void setUnit(weighbridge::ByteUnit unit);
    void setTheme(weighbridge::ThemeChoice theme);
    void setFontStep(int step);
    void goToNextIssue();
    void editAsCustom();
    void showHelp(weighbridge::HelpPage page);
    void showAccuracy();
    void showTables(weighbridge::TablesPage page);
    void showGuide();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    friend class WindowMenus;

    void buildContents();
    QWidget* buildLeft();
    void restore();
    SavePathAsker exportAsker();
    bool startWith(const nlohmann::json& scenario);
    void startWithFile(const Scenario& scenario);
    void refresh();
    void remember();
    void fitSplitter();
    void takeScenario(const Scenario& scenario, const QString& path);
    void chooseModel(const QString& value);
    QString fileName(const QString& ending) const;
    void writeExport(const QString& ending, const QString& path);
    void exportFile(const WantedFile& wanted);

    WindowServices services_;
    Appearance& appearance_;
    SettingsFile settings_;
    Session* session_;
    ModelSource* source_;
    Form* form_ = nullptr;
    IssueBar* issues_ = nullptr;
    MessageStrip* message_ = nullptr;
    QSplitter* splitter_ = nullptr;
    QScrollArea* formArea_ = nullptr;
    ResultPane* results_ = nullptr;
    SummaryBar* summary_ = nullptr;
    QPointer<HelpWindow> help_;
    QPointer<AccuracyWindow> accuracy_;
    QPointer<TablesWindow> tables_;
    QPointer<GuideWindow> guide_;
    QTimer remember_;
    bool fitted_ = false;
};

} // namespace weighbridge

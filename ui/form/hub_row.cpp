#include "ui/form/hub_row.h"

#include "core/quantity/display.h"
#include "ui/models/model_source.h"
#include "ui/session/text.h"
#include "ui/theme/ink.h"

#include <QAction>
#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// Below the field there is room for a few lines; what has more (all architectures that are known) is in the tool tip.
constexpr qsizetype longestText = 300;

} // namespace

HubRow::HubRow(ModelSource& source, QWidget* parent)
    : QWidget(parent), source_(source), edit_(new LineEdit(this)), button_(new QPushButton(tr("Fetch"), this)),
      layout_(new QVBoxLayout(this))
{
    edit_->setObjectName(u"hub.id"_s);
    edit_->setPlaceholderText(tr("org/model"));
    edit_->setToolTip(tr("org/model, org/model@revision, or org/model:Q4_K_M for a GGUF file of it"));
    button_->setObjectName(u"hub.fetch"_s);
    button_->setToolTip(tr("Fetch the model's config.json and the headers of its weights from the Hugging Face Hub"));
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(3);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(edit_, 1);
    row->addWidget(button_);
    layout_->addLayout(row);
    button_->setAutoDefault(false);
    setFocusProxy(edit_);
    connect(edit_, &QLineEdit::returnPressed, this, [this] { Q_EMIT fetchWanted(edit_->text()); });
    connect(edit_, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (text.isEmpty() && !source_.isRunning())
            source_.supersede(); // what was said of it goes with it
    });
    connect(button_, &QPushButton::clicked, this, &HubRow::onButton);
    connect(&source_, &ModelSource::statusChanged, this, &HubRow::showStatus);
    showStatus();
}

void HubRow::onButton()
{
    if (source_.isRunning())
        source_.cancel();
    else
        Q_EMIT fetchWanted(edit_->text());
}

void HubRow::showStatus()
{
    const SourceStatus& status = source_.status();
    if (note_ == nullptr) {
        note_ = new FieldNote(this);
        note_->setObjectName(u"hub.status"_s);
        layout_->addWidget(note_);
    }
    const bool problem = status.kind == SourceStatus::Kind::problem;
    const bool idle = status.kind == SourceStatus::Kind::idle;
    const QString text = idle ? tr("or drop a file or folder here") : status.text;
    const bool isLong = text.size() > longestText && status.action == SourceStatus::Action::none;
    note_->say(problem ? Severity::error : Severity::note, isLong ? text.left(longestText) + u" …"_s : text);
    note_->setToolTip(isLong ? text : status.details);
    note_->setSignShown(!idle);
    edit_->setProperty(invalidProperty, problem);
    edit_->setAccessibleDescription(problem ? status.text : QString());
    edit_->update();
    button_->setText(status.kind == SourceStatus::Kind::busy ? tr("Cancel") : tr("Fetch"));

    showFiles(status);
    showOffers();
    updateGeometry();
}

void HubRow::showOffers()
{
    using Action = SourceStatus::Action;
    const SourceStatus& status = source_.status();
    const bool reads = status.action == Action::readAs;
    const qsizetype families = reads ? status.offers.size() - 1 : 0; // the last one is Llama-like
    const bool offers = reads || status.action == Action::enterToken;
    if (!offers && action_ == nullptr)
        return;
    action()->setVisible(offers);
    action()->setText(reads ? tr("Read as a Llama-like decoder") : tr("Enter a token"));
    for (qsizetype i = 0; i < std::max(families, familyOffers_.size()); ++i) {
        QPushButton* offer = familyOffer(i);
        offer->setVisible(i < families);
        if (i < families)
            offer->setText(tr("Read as %1").arg(status.offers.at(i)));
    }
}

void HubRow::showFiles(const SourceStatus& status)
{
    const bool offers = status.action == SourceStatus::Action::chooseFile;
    if (files_ == nullptr) {
        if (!offers)
            return;
        files_ = new QPushButton(tr("Choose a file"), this);
        files_->setObjectName(u"hub.files"_s);
        files_->setAutoDefault(false);
        files_->setMenu(new QMenu(files_));
        files_->menu()->setToolTipsVisible(true);
        layout_->addWidget(files_, 0, Qt::AlignLeft);
        setTabOrder(button_, files_);
    }
    if (!offers && files_->hasFocus())
        edit_->setFocus(); // not on to the next field, where the next key would change something
    files_->setVisible(offers);
    if (!offers)
        return; // the menu may be the one that was chosen from
    files_->menu()->clear();
    for (const GgufChoice& choice : status.choices) {
        const QString size =
            choice.bytes < 0 ? QString() : u" · "_s + toQt(in_fitting_unit({choice.bytes}, ByteUnit::gib));
        QAction* action = files_->menu()->addAction(choice.label() + size);
        action->setToolTip(choice.name);
        connect(action, &QAction::triggered, this, [this, wanted = QString(status.repository + u':' + choice.name)] {
            edit_->setText(wanted);
            Q_EMIT fetchWanted(wanted);
        });
    }
}

QPushButton* HubRow::familyOffer(qsizetype index)
{
    if (index < familyOffers_.size())
        return familyOffers_.at(index);
    auto* offer = new QPushButton(this);
    offer->setObjectName(u"hub.readAs."_s + QString::number(index));
    offer->setAutoDefault(false);
    layout_->insertWidget(layout_->indexOf(action_), offer, 0, Qt::AlignLeft);
    setTabOrder(familyOffers_.isEmpty() ? button_ : familyOffers_.last(), offer);
    setTabOrder(offer, action_);
    familyOffers_.append(offer);
    connect(offer, &QPushButton::clicked, this, [this, index] {
        const QStringList& offers = source_.status().offers;
        if (index + 1 < offers.size())
            source_.readAs(QString(offers.at(index)));
    });
    return offer;
}

QPushButton* HubRow::action()
{
    if (action_ != nullptr)
        return action_;
    action_ = new QPushButton(this);
    action_->setObjectName(u"hub.action"_s);
    action_->setAutoDefault(false);
    layout_->addWidget(action_, 0, Qt::AlignLeft);
    setTabOrder(button_, action_);
    connect(action_, &QPushButton::clicked, this, [this] {
        if (source_.status().action == SourceStatus::Action::readAs)
            source_.readAs(toQt(llama_like));
        else
            Q_EMIT tokenWanted();
    });
    return action_;
}

} // namespace weighbridge

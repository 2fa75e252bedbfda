"""The words mail programs use around quotations, in the languages their users have; data for `email_reply`."""

from __future__ import annotations

WROTE = (
    r"wrote|writes|schrieb|hat geschrieben|a écrit|ecrit|escribió|escribio|escreveu|ha scritto|schreef|skrev|"
    r"kirjoitti|"
    r"napisał(?:\(a\)|a)?|pisze|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|написал(?:\(а\)|а)?|пишет|пише|"
    r"написав(?:\(ла\))?|"
    r"(?:şunu |şunları |sunu |sunlari )?(?:yazdı|yazdi|yazmış)|írta|a scris|έγραψε|写道|寫道|のメール|님이 작성|작성|đã viết|"
    r"menulis|כתב(?:/ה)?|كتب|rašė|je napisao|je napisal(?:\(a\))?|kirjutas"
)
# How a line ends that may close an introduction without a colon: a quick test before the expression above.
WROTE_ENDINGS = (
    "wrote", "writes", "schrieb", "geschrieben", "écrit", "ecrit", "escribió", "escribio", "escreveu", "scritto", "schreef",
    "skrev", "kirjoitti", "napisał", "napisała", "pisze", "napsal", "napsala", "написал", "написала", "пишет", "пише", "написав",
    "yazdı", "yazdi", "yazmış", "írta", "scris", "έγραψε", "写道", "寫道", "メール", "작성", "viết", "menulis", "כתב", "كتب", "rašė",
    "napisao", "napisal", "kirjutas", "following", "Wrote", "WROTE",
)  # fmt: skip
STARTER = (
    r"on\b|le\b|am\b|op\b|em\b|el\b|il\b|in data\b|den\b|dne\b|dnia\b|w dniu\b|tarih|(?:mon|tue|wed|thu|fri|sat|"
    r"sun)[a-z]{0,6}\b|"
    r"\d{1,4}[-./年 ]"
)
FORWARD = (
    r"original message|original mail|forwarded (?:message|by)|begin forwarded|reply message|"
    r"ursprüngliche (?:nachricht|mail)|original-?nachricht|weitergeleitete nachricht|"
    r"message d'origine|message d’origine|message original|message transféré|"
    r"mensaje original|mensaje reenviado|mensagem (?:original|encaminhada)|messaggio (?:originale|inoltrato)|"
    r"oorspronkelijk bericht|doorgestuurd bericht|oprindelig (?:meddelelse|besked)|videresendt|opprinnelig melding|"
    r"ursprungligt meddelande|vidarebefordrat|alkuperäinen viesti|wiadomość (?:oryginalna|przekazana)|"
    r"oryginalna wiadomość|"
    r"původní zpráva|исходное сообщение|оригинальное сообщение|пересылаемое сообщение|початкове повідомлення|"
    r"orijinal (?:mesaj|ileti|e-?posta)|özgün (?:ileti|mesaj)|asıl (?:ileti|mesaj)|ilk mesaj|"
    r"yönlendirilen (?:ileti|mesaj)|yönlendirilmiş (?:ileti|mesaj)|iletilen (?:ileti|mesaj)|iletilmiş (?:ileti|"
    r"mesaj)|"
    r"eredeti üzenet|mesaj original|αρχικό μήνυμα|原始邮件|原始郵件|转发的邮件|元のメッセージ|転送|원본 메시지"
)
DEVICE = (
    r"sent (?:from|via|using|with) (?:my\b|the\b|an?\b|yahoo|outlook|mail\b|gmail|proton|samsung|spark|aol|"
    r"windows|blackberry|"
    r"iphone|ipad|android|sparrow|mobile|tuta|fastmail)|get outlook for|gesendet (?:von|mit)\b|von (?:meinem|"
    r"mein) .{1,40} gesendet|"
    r"diese nachricht wurde von meinem|envoyé (?:de|depuis|à partir|par)\b|télécharger outlook|obtenez outlook|"
    r"enviado (?:desde|do|de|a partir|via)\b|obtener outlook|obter o outlook|inviato (?:da|dal|con)\b|"
    r"scarica outlook|"
    r"verzonden (?:vanaf|met|via)\b|verstuurd vanaf|outlook voor .{1,20} downloaden|skickat från|sendt fra|"
    r"hent outlook|hämta outlook|"
    r"lähetetty|hanki outlook|wysłan[eoy] z\b|pobierz outlook|odesláno z|отправлено (?:с|из)\b|надіслано (?:з|із)\b|"
    r"\S{2,30} ?\S{0,20} ?(?:cihazımdan|telefonumdan|iphone.{0,8}|ipad.{0,8}|\S{1,20}['’](?:u|ü|i|ı)?m?[dt][ae]n|"
    r"uygulamasından|"
    r"üzerinden) gönderildi|(?:iphone|ipad|samsung|huawei|xiaomi|android|outlook|yahoo|"
    r"windows)\S{0,12} .{0,40}gönderildi|"
    r"\S+['’](?:u|ü|i|ı)?m?[dt][ae]n gönderildi|.{0,20}için outlook.{0,4} (?:edinin|indirin|alın)|"
    r"outlook.{0,4} (?:edinin|indirin)|"
    r"iphoneから送信|.{0,12}から送信|发自我的|發自我的|从我的|從我的|나의 .{1,12}에서 보냄|trimis de pe|elküldve|küldve"
)
SIGN_OFF = (
    r"(?:with |many |my |thanks and |thanks & |thank you and )?(?:best |kind |kindest |warm |warmest |"
    r"sincere )?regards|"
    r"thank you|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|best wishes|"
    r"(?:iyi çalışmalar dilerim|iyi çalışmalar|iyi günler dilerim|iyi günler|kolay gelsin|sevgiler|sevgilerimle|"
    r"hürmetlerimle|"
    r"(?:en derin |en içten )?sayg[ıi]lar(?:[ıi]m[ıi]zla|[ıi]mla)?)|"
    r"mit (?:freundlichen|besten|herzlichen|lieben|vielen) gr(?:ü|ue)(?:ß|ss)en|(?:freundliche|viele|beste|liebe|"
    r"herzliche|schöne) "
    r"gr(?:ü|ue)(?:ß|ss)e|mfg|lg|(?:bien )?cordialement|(?:sincères |meilleures )?salutations|bien à vous|"
    r"(?:cordiali|distinti) saluti|saluti|(?:un )?(?:cordial )?saludos?|atentamente|atenciosamente|cumprimentos|"
    r"abraços|"
    r"met (?:vriendelijke|hartelijke) groet(?:en)?|(?:vriendelijke )?groet(?:en|jes)?|pozdrawiam|z powa[żz]aniem|"
    r"(?:med )?venlig(?:e)? hilsen(?:er)?|(?:med )?vennlig hilsen|mvh|(?:med )?vänliga? hälsningar?|"
    r"(?:ystävällisin )?terveisin|с уважением|з повагою|üdvözlettel|s pozdravem|cu (?:stimă|respect)|με εκτίμηση"
)

_LABEL_WORDS = {
    "from": "from von de da van od fra från lähettäjä kimden gönderen от від feladó remitente expéditeur mittente nadawca "
    "odesílatel από 发件人 寄件者 寄件人 差出人 发信人 보낸사람 avsändare afzender absender pošiljatelj 送信者 отправитель de\xa0la",
    "date": "date sent gesendet datum envoyé envoyé\xa0le inviato data verzonden wysłano sendt dato skickat lähetetty "
    "päiväys päivämäärä gönderilme gönderilme\xa0tarihi gönderildi gönderim\xa0tarihi gönderme\xa0tarihi tarih отправлено дата надіслано "
    "elküldve dátum odesláno enviado enviado\xa0el enviado\xa0em fecha 发送时间 日期 送信日時 日時 时间 보낸날짜 날짜 trimis "
    "ημερομηνία sent\xa0at date\xa0sent",
    "to": "to an à a aan do til till vastaanottaja kime alıcı para komu кому címzett 收件人 收件者 宛先 받는사람 către προς "
    "pre pro destinatario",
    "subject": "subject betreff objet oggetto onderwerp temat emne ämne aihe konu asunto assunto předmět predmet тема 主题 主旨 "
    "件名 제목 tárgy subiect θέμα",
    "cc": "cc bcc kopie copie bilgi gizli copia dw udw kopi kopia копия копія 抄送 副本 참조 cci",
}
LABELS = {word.replace("\xa0", " "): kind for kind, words in _LABEL_WORDS.items() for word in words.split(" ")}
LABELS |= {"보낸 사람": "from", "받는 사람": "to", "보낸 날짜": "date", "on behalf of": "from"}
